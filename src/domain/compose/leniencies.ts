/**
 * What is accepted, with a warning, though docker compose refuses it: real files in public catalogues need it. `strict`
 * switches all of it off. docs/compose.md lists them, and a test holds the two together.
 */
export const leniencies = {
  'undeclared-volume': 'a named volume that no `volumes:` section declares is declared for it',
  'catalogue-key':
    "keys that a catalogue reads for itself (`exclude_from_hc`, a mount's `content` and `is_directory`) are left out",
} as const satisfies Record<string, string>;

export type Leniency = keyof typeof leniencies;
