/** A page of a list that is newest first: `before` is the last id of the page before. */
export interface Page {
  readonly before?: number;
  readonly limit: number;
}
