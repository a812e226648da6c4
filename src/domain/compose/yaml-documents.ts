import { type Document, parseAllDocuments, type YAMLParseError } from 'yaml';

export interface YamlDocuments {
  readonly documents: readonly Document.Parsed[];
  /** What they were read from: places in it have the lines of what was given. */
  readonly text: string;
}

/** The documents of a text, with their mistakes. Two that compose-go's parser takes are none: see below. */
export function yamlDocuments(text: string): YamlDocuments {
  const documents = parsed(text);
  return withIndentedLines(text, documents) ?? { documents, text };
}

/** A comment may follow a quote or a bracket without a space: compose-go's parser takes it, and nothing is unclear. */
export const isMistake = (error: YAMLParseError): boolean => !error.message.startsWith('Comments must be separated');

function parsed(text: string): readonly Document.Parsed[] {
  const options = { merge: false, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;
  const documents = parseAllDocuments(text, { ...options, schema: 'failsafe' });
  return Array.isArray(documents) ? documents : [];
}

/** What is mended line by line is parsed anew each time: so much text in all, then it stays a mistake. */
const mostParsed = 4_000_000;

/**
 * A quoted text, or a list or map in brackets, may go on in lines that are indented no more than its key: not in YAML, but
 * compose-go's parser reads it so. Such lines are indented, which shows nowhere: a line break and the spaces around it are one
 * space in quotes, and nothing in brackets. `null` where that was not the mistake, or not the only one.
 */
function withIndentedLines(text: string, documents: readonly Document.Parsed[]): YamlDocuments | null {
  let [mended, found] = [text, documents];
  for (let left = mostParsed; left > 0; left -= mended.length) {
    const [first] = found.flatMap((document) => document.errors.filter(isMistake));
    if (first === undefined) return mended === text ? null : { text: mended, documents: found };
    const begin = continuingLine(mended, first);
    if (begin === null) return null;
    const before = mended.slice(0, begin).trimEnd();
    const indent = (/^[ -]*/.exec(before.slice(before.lastIndexOf('\n') + 1))?.[0].length ?? 0) + 2;
    mended = `${mended.slice(0, begin)}${' '.repeat(indent)}${mended.slice(begin).replace(/^[ \t]+/, '')}`;
    found = parsed(mended);
  }
  return null;
}

/** Where the line begins that is taken for the end of what it belongs to; `null`: that is not the mistake. */
function continuingLine(text: string, { message, pos }: YAMLParseError): number | null {
  const [at] = pos;
  if (/^Missing closing .quote/.test(message)) {
    const breaks = /^(?:[ \t]*\r?\n)+(?=[ \t]*\S)(?![ \t]*(?:---|\.\.\.))/.exec(text.slice(at))?.[0];
    return breaks === undefined ? null : at + breaks.length;
  }
  if (!/^Flow .* sufficiently indented/.test(message) || !/\S/.test(text.slice(at))) return null;
  const begin = text.lastIndexOf('\n', at - 1) + 1;
  return begin > 0 && text.slice(begin, at).trim() === '' ? begin : null;
}
