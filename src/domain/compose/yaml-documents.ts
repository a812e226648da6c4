import { type Document, parseAllDocuments, type YAMLParseError } from 'yaml';

export interface YamlDocuments {
  readonly documents: readonly Document.Parsed[];
  /** What they were read from: places in it have the lines of what was given. */
  readonly text: string;
}

/** The documents of a text, with their mistakes. Two that compose-go's parser takes are none: see below. */
export function yamlDocuments(text: string): YamlDocuments {
  const documents = parsed(text);
  return withIndentedQuotes(text, documents) ?? { documents, text };
}

/** A comment may follow a quote or a bracket without a space: compose-go's parser takes it, and nothing is unclear. */
export const isMistake = (error: YAMLParseError): boolean => !error.message.startsWith('Comments must be separated');

function parsed(text: string): readonly Document.Parsed[] {
  const options = { merge: false, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;
  const documents = parseAllDocuments(text, { ...options, schema: 'failsafe' });
  return Array.isArray(documents) ? documents : [];
}

const mostMended = 100;

/**
 * A quoted text may go on in lines that are indented no more than its key: not in YAML, but compose-go's parser reads it so. Such
 * lines are indented, which their text does not show, for a line break and the spaces around it are one space. `null` where that
 * was not the mistake, or not the only one.
 */
function withIndentedQuotes(text: string, documents: readonly Document.Parsed[]): YamlDocuments | null {
  let [mended, found] = [text, documents];
  for (let left = mostMended; left > 0; left -= 1) {
    const [first] = found.flatMap((document) => document.errors.filter(isMistake));
    if (first === undefined) return mended === text ? null : { text: mended, documents: found };
    if (!/^Missing closing .quote/.test(first.message)) return null;
    const [end] = first.pos;
    const [, breaks, spaces] = /^((?:[ \t]*\r?\n)+)([ \t]*)(?=\S)(?!---|\.\.\.)/.exec(mended.slice(end)) ?? [];
    if (breaks === undefined || spaces === undefined) return null;
    const before = mended.slice(0, end).trimEnd();
    const indent = (/^[ -]*/.exec(before.slice(before.lastIndexOf('\n') + 1))?.[0].length ?? 0) + 2;
    const begin = end + breaks.length;
    mended = `${mended.slice(0, begin)}${' '.repeat(indent)}${mended.slice(begin + spaces.length)}`;
    found = parsed(mended);
  }
  return null;
}
