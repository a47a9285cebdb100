// Questions to the node that served this page: JSON-RPC 2.0 over POST.

/** Numbers that JavaScript would round stay what they are. */
const exact = (_, value, context) => (typeof value === "number" && !Number.isSafeInteger(value)
  && /^-?\d+$/.test(context?.source ?? "") ? BigInt(context.source) : value);

export const parse = (text) => JSON.parse(text, exact);

/** Milliseconds for one answer: a little longer than a node gives itself. */
const TIME_LIMIT_MS = 8000;
const METHOD = -32601;
const NOT_FOUND = -32001;
const NO_STATE = -32004;

/** A refusal or a failure, in words for people. */
export class Refused extends Error {
  constructor(message, code = 0) {
    super(message);
    this.code = code;
  }

  get lacking() { return this.code === METHOD; }

  get missing() { return this.code === NOT_FOUND; }

  get forgotten() { return this.code === NO_STATE; }
}

const sentence = (text) => {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
};

let asked = 0;

async function exchange(questions) {
  let response;
  try {
    response = await fetch("/", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(questions),
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
  } catch (error) {
    throw new Refused(error.name === "TimeoutError"
      ? "The node did not answer in time. It may be busy; try again in a moment."
      : "The node does not answer. It may have been stopped; start it again, and this page goes on.");
  }
  if (response.status === 429) {
    throw new Refused("The node was asked too often. Wait some seconds, and try again.");
  }
  let answer;
  try {
    answer = parse(await response.text());
  } catch {
    throw new Refused(`The node gave an answer that cannot be read (HTTP status ${response.status}).`);
  }
  // Not here, or not by whoever shows no token: the node says which.
  if (response.status === 401 || (response.status === 403 && /token/.test(answer?.error?.message))) {
    dispatchEvent(new Event("token-needed"));
  }
  return answer;
}

const question = (method, params) => ({ jsonrpc: "2.0", id: (asked += 1), method, params });

function result(answer) {
  if (answer?.error) {
    const { code, message } = answer.error;
    throw new Refused(sentence(String(message)), code);
  }
  return answer?.result;
}

/** Asks one question; throws a `Refused`. */
export const ask = async (method, params) => result(await exchange(question(method, params)));

/** Asks many at once; each comes back as a value or a `Refused`. */
export async function askAll(questions) {
  if (questions.length === 0) return [];
  const batch = questions.map(([method, params]) => question(method, params));
  const answers = await exchange(batch);
  if (!Array.isArray(answers)) result(answers);
  return batch.map(({ id }) => {
    try {
      const answer = answers.find((one) => one.id === id);
      return answer ? result(answer) : new Refused("The node left a question out.");
    } catch (refused) {
      return refused;
    }
  });
}

/** The answer, or null where the node has no such method. */
export async function askIf(method, params) {
  try {
    return await ask(method, params);
  } catch (error) {
    if (error.lacking) return null;
    throw error;
  }
}
