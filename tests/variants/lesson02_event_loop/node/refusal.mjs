/** Why a request is refused: a status and, for bad input, a message for each field. */
export class Refusal extends Error {
  constructor(status, errors) {
    super(JSON.stringify(errors));
    this.status = status;
    this.errors = errors;
  }
}
