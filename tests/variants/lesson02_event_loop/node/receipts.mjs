// Receipts: Node.js hashes on threads of its own, beside the event loop.

import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { Refusal } from "./refusal.mjs";

const MOST_ROUNDS = 2_000_000;
const LONGEST_TEXT = 1000;

const hash = promisify(pbkdf2);

const checks = {
  text(value) {
    if (typeof value !== "string" || !value.isWellFormed()) return "must be text";
    const length = [...value].length;
    if (length < 1 || length > LONGEST_TEXT) return `must have 1 to ${LONGEST_TEXT} characters`;
  },
  rounds(value) {
    if (!Number.isInteger(value) || value < 1 || value > MOST_ROUNDS) {
      return `must be a whole number from 1 to ${MOST_ROUNDS}`;
    }
  },
};

/** A receipt with its seal; throws a Refusal. */
export async function receiptFor(draft) {
  const errors = {};
  for (const field of Object.keys(draft)) if (!Object.hasOwn(checks, field)) errors[field] = "is no field of a receipt";
  for (const [field, check] of Object.entries(checks)) {
    const problem = check(draft[field]);
    if (problem) errors[field] = problem;
  }
  if (Object.keys(errors).length > 0) throw new Refusal(422, errors);
  const seal = await hash(draft.text, "receipt", draft.rounds, 32, "sha256");
  return { text: draft.text, rounds: draft.rounds, seal: seal.toString("hex") };
}
