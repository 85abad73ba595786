// The one door of the system: GraphQL over HTTP.

/** What the gateway said instead of an answer; `ended` when the token is no longer good. */
export class Refused extends Error {
  constructor(message, { ended = false } = {}) {
    super(message);
    this.ended = ended;
  }
}

const WAIT_MS = 10_000;
// Kept for the tab: two tabs can be two users, and a reload goes on where it was.
const KEPT = "session";

let session = JSON.parse(sessionStorage.getItem(KEPT));
let onTrace = () => {};

/** Who is logged in: `{token, usuario: {id, email, rol}}`, or null. */
export const current = () => session;

/** Go on as this user, or as nobody. */
export function become(next) {
  session = next;
  if (next) {
    sessionStorage.setItem(KEPT, JSON.stringify(next));
  } else {
    sessionStorage.removeItem(KEPT);
  }
}

/** Have `listener` called with the trace id of every request. */
export function watchTraces(listener) {
  onTrace = listener;
}

/** The data of a request, and what was wrong with parts of it: one failing service leaves the rest. */
export async function ask(query, variables = {}) {
  const answer = await post({ query, variables });
  const trace = answer.headers.get("X-Trace-Id");
  if (trace) {
    onTrace(trace);
  }
  if (answer.status === 401) {
    throw new Refused("Your session has ended. Log in again.", { ended: true });
  }
  const body = await answer.json().catch(() => ({}));
  if (!body.data && !body.errors) {
    throw new Refused(body.detail ?? `The gateway answered with status ${answer.status}.`);
  }
  return { data: body.data ?? {}, problems: (body.errors ?? []).map(said) };
}

/** The data of a request that is of no use in part. */
export async function askAll(query, variables) {
  const { data, problems } = await ask(query, variables);
  if (problems.length) {
    throw new Refused(problems[0]);
  }
  return data;
}

async function post(body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (session) {
    headers.Authorization = `Bearer ${session.token}`;
  }
  try {
    const signal = AbortSignal.timeout(WAIT_MS);
    return await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(body), signal });
  } catch {
    throw new Refused("The gateway does not answer. Try again.");
  }
}

function said(error) {
  const { code, service } = error.extensions ?? {};
  return code === "SERVICE_UNAVAILABLE" ? `The ${service} service does not answer right now.` : error.message;
}
