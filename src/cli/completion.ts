import type { Command } from './command.ts';
import { globalOptions } from './global-options.ts';

/** What may follow some words: further words, each with what it is. */
interface Node {
  readonly words: string;
  readonly next: readonly { readonly word: string; readonly about: string }[];
}

/** A shell's completion script for these commands. */
export function script(shell: 'bash' | 'zsh' | 'fish', commands: readonly Command[]): string {
  const nodes = nodesOf(commands);
  return { bash, zsh, fish }[shell](nodes);
}

function nodesOf(commands: readonly Command[]): readonly Node[] {
  const first = new Map<string, string>();
  const groups = new Map<string, Map<string, string>>();
  for (const { path, about } of commands) {
    const [word = '', second] = path;
    first.set(word, second === undefined ? about : 'see its commands');
    if (second !== undefined) groups.set(word, (groups.get(word) ?? new Map<string, string>()).set(second, about));
  }
  return [
    { words: '', next: pairs(first) },
    ...[...groups].map(([words, map]) => ({ words, next: pairs(map) })),
    ...commands.map((command) => ({ words: command.path.join(' '), next: optionsOf(command) })),
  ];
}

const pairs = (map: ReadonlyMap<string, string>) => [...map].map(([word, about]) => ({ word, about }));

function optionsOf({ fields, positionals }: Command) {
  const places = new Set(positionals.map((positional) => positional.key));
  const values = fields.filter((field) => places.has(field.key)).flatMap((field) => field.values);
  const options = fields.filter((field) => !places.has(field.key));
  return [
    ...values.map((word) => ({ word, about: '' })),
    ...options.map(({ flag, about }) => ({ word: `--${flag}`, about })),
    ...Object.entries(globalOptions).map(([flag, { about }]) => ({ word: `--${flag}`, about })),
  ];
}

const cases = (nodes: readonly Node[], line: (node: Node) => string): string =>
  nodes.map((node) => `    '${node.words}') ${line(node)} ;;`).join('\n');

/** The longest known beginning of the line, without options, says what may follow. */
function bash(nodes: readonly Node[]): string {
  return `# slipway completion for bash
_slipway() {
  local current="\${COMP_WORDS[COMP_CWORD]}" key='' word next
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) continue ;; esac
    next="\${key:+$key }$word"
    case "$next" in
${nodes
  .filter((node) => node.words !== '')
  .map((node) => `      '${node.words}') key="$next" ;;`)
  .join('\n')}
    esac
  done
  case "$key" in
${cases(nodes, (node) => `COMPREPLY=($(compgen -W '${node.next.map(({ word }) => word).join(' ')}' -- "$current"))`)}
  esac
}
complete -o default -F _slipway slipway
`;
}

function zsh(nodes: readonly Node[]): string {
  return `#compdef slipway
_slipway() {
  local key='' word next
  local -a candidates
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ "$word" == -* ]] && continue
    next="\${key:+$key }$word"
    case "$next" in
${nodes
  .filter((node) => node.words !== '')
  .map((node) => `      '${node.words}') key="$next" ;;`)
  .join('\n')}
    esac
  done
  case "$key" in
${cases(nodes, (node) => `candidates=(${node.next.map(({ word, about }) => quoted(`${word}${about === '' ? '' : `:${about}`}`)).join(' ')})`)}
  esac
  _describe 'slipway' candidates || _files
}
compdef _slipway slipway
`;
}

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ words, next }) =>
    next.map(({ word, about }) => {
      const condition =
        words === ''
          ? '__fish_use_subcommand'
          : words
              .split(' ')
              .map((one) => `__fish_seen_subcommand_from ${one}`)
              .join('; and ');
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c slipway -n '${condition}' ${what}${about === '' ? '' : ` -d ${fishQuoted(about)}`}`;
    }),
  );
  return `# slipway completion for fish\n${[...new Set(lines)].join('\n')}\n`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
