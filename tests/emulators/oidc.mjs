// Runs an OpenID provider on a free loopback port, prints "listening <port>", and ends when its standard input does.
// Its one argument is JSON: { "accounts": { "<login>": { "password", "claims": {...} } }, "clockOffsetSeconds", "pushed" }.
// It begins once it is told its clients (PUT /clients, as in oidc-provider's documentation), which have to know its address.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

process.stdin.on("end", () => process.exit(0)).resume();

const groupsOf = /^\/accounts\/(\w+)\/groups$/;
const { accounts, clockOffsetSeconds = 0, pushed = false } = JSON.parse(process.argv[2]);
const now = Date.now;
Date.now = () => now() + clockOffsetSeconds * 1000;

let provider;
const server = createServer(async (request, response) => {
  try {
    if (request.method === "PUT" && request.url === "/clients") begin(JSON.parse(await read(request))), response.end();
    else if (request.method === "PUT" && groupsOf.test(request.url)) accounts[groupsOf.exec(request.url)[1]].claims.groups = JSON.parse(await read(request)), response.end();
    else if (/^\/interaction\/[^/]+$/.test(request.url)) await interact(request, response);
    else await provider.callback()(request, response);
  } catch (error) {
    response.statusCode = 400;
    response.end(String(error.message));
  }
});

async function read(request) {
  let body = "";
  for await (const part of request) body += part;
  return body;
}

/** A form for name and password; nobody is asked for consent. */
async function interact(request, response) {
  await provider.interactionDetails(request, response);
  let problem = "";
  if (request.method === "POST") {
    const form = new URLSearchParams(await read(request));
    if (form.has("cancel")) return provider.interactionFinished(request, response, { error: "access_denied", error_description: "the person does not want to" });
    const login = form.get("login");
    if (Object.hasOwn(accounts, login) && accounts[login].password === form.get("password"))
      return provider.interactionFinished(request, response, { login: { accountId: login } });
    problem = "<p>Name or password is wrong.</p>";
  }
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(`<!doctype html><title>Sign in</title>${problem}<form method="post"><input name="login" autofocus><input name="password" type="password"><button>Sign in</button><button name="cancel" value="1">Cancel</button></form>`);
}

function begin(clients) {
  provider = new Provider(`http://127.0.0.1:${server.address().port}`, {
    clients,
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
    scopes: ["openid", "profile", "email", "groups"],
    cookies: { keys: ["of the tests"] },
    features: { devInteractions: { enabled: false }, pushedAuthorizationRequests: { enabled: pushed }, rpInitiatedLogout: { enabled: true } },
    pkce: { required: () => true },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => Object.hasOwn(accounts, id) ? { accountId: id, claims: async () => ({ ...accounts[id].claims, sub: id }) } : undefined,
    loadExistingGrant: async context => {
      const { Grant } = context.oidc.provider;
      const grant = new Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
      grant.addOIDCScope("openid profile email groups");
      await grant.save();
      return grant;
    },
  });
}

server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
