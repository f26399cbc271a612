// Begins the circuit. A WebSocket alone, and no negotiation before it: then any API process behind a load balancer can take it, and a reconnection
// that finds another process loads the page anew; all that matters is in its address.
'use strict';
{
  const webSocketsAlone = 1;
  window.Blazor.start({
    circuit: {
      configureSignalR: builder => builder.withUrl('_blazor', { skipNegotiation: true, transport: webSocketsAlone }),
      reconnectionOptions: { maxRetries: 20, retryIntervalMilliseconds: previous => Math.min(250 * 2 ** previous, 5000) },
    },
  });
  // Blazor marks the notice; a circuit that is gone begins anew.
  const notice = document.getElementById('components-reconnect-modal');
  new MutationObserver(() => {
    if (notice.classList.contains('components-reconnect-rejected')) location.reload();
  }).observe(notice, { attributes: true, attributeFilter: ['class'] });
  notice.querySelector('a').addEventListener('click', event => {
    event.preventDefault();
    location.reload();
  });
}
