/** Why the demo cannot go on, or what did not turn out as it should; `hint` says what to do. */
export class Trouble extends Error {
  readonly hint: string;
  constructor(message: string, hint = '', cause?: unknown) {
    super(message, { cause });
    this.name = 'Trouble';
    this.hint = hint;
  }
}

/** What one of several kinds of errors says, with its hint. */
export function told(thrown: unknown): { readonly message: string; readonly hint: string } {
  if (!(thrown instanceof Error)) return { message: String(thrown), hint: '' };
  const hint = 'hint' in thrown && typeof thrown.hint === 'string' ? thrown.hint : '';
  return { message: thrown.message, hint };
}
