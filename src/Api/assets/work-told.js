// The list of jobs, which comes after a worker's last batch for now, has nothing else to do for a script.
import { showFeedback } from './work-feedback.js';

showFeedback();
