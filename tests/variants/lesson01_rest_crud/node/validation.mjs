// What a product may be, and what a request may say.

const DEAREST_CENTS = 999_999_999_999;

/** Why a request is refused: a status and, for bad input, a message for each field. */
export class Refusal extends Error {
  constructor(status, errors) {
    super(JSON.stringify(errors));
    this.status = status;
    this.errors = errors;
  }
}

/** A whole number written in digits, within bounds; throws a Refusal. */
export function whole(text, field, lowest, highest) {
  const number = /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN;
  if (number >= lowest && number <= highest) return number;
  throw new Refusal(422, { [field]: `must be a whole number from ${lowest} to ${highest}` });
}

// Each takes what was sent and returns a message when it makes no sense.
const checks = {
  name(value) {
    if (typeof value !== "string") return "must be a string";
    if (!value.isWellFormed()) return "has half a surrogate pair, which is no character";
    const length = [...value.trim()].length;
    if (length < 1 || length > 200) return "must have between 1 and 200 characters";
  },
  price(value) {
    if (typeof value !== "number") return "must be a number";
    if (!(value >= 0 && value <= DEAREST_CENTS / 100)) return `must be between 0 and ${DEAREST_CENTS / 100}`;
    // n / 100 is the binary float nearest to n cents, and so is what the parser made of two decimals.
    if (Math.round(value * 100) / 100 !== value) return "must have at most two decimals";
  },
};

/** The fields of a product that a body sets, of which the required ones are there; throws a Refusal. */
export function productFields(body, required) {
  const sent = jsonObject(body);
  const errors = {};
  for (const field of required) if (!Object.hasOwn(sent, field)) errors[field] = "is missing";
  for (const [field, value] of Object.entries(sent)) {
    const problem = Object.hasOwn(checks, field) ? checks[field](value) : "is no field of a product";
    if (problem) errors[field] = problem;
  }
  if (Object.keys(errors).length > 0) throw new Refusal(422, errors);
  const fields = {};
  if ("name" in sent) fields.name = sent.name.trim();
  if ("price" in sent) fields.cents = Math.round(sent.price * 100);
  return fields;
}

function jsonObject(body) {
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new Refusal(422, { body: `is no JSON: ${error.message}` });
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Refusal(422, { body: "must be a JSON object" });
  }
  return value;
}
