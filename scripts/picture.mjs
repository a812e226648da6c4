#!/usr/bin/env node
// node scripts/picture.mjs TITLE < text > picture.svg: what a terminal showed (with its colours: `tmux capture-pane -e -p`), as a
// picture for the docs. Real output only; nothing is drawn that was not printed.
import { text } from 'node:stream/consumers';

const size = { font: 13, line: 18, char: 7.83, margin: 18, bar: 30 };
const colours = { 31: '#f47067', 32: '#57ab5a', 33: '#c69026', 34: '#539bf5', 36: '#39c5cf', 90: '#768390' };

/** A line as pieces of one look each. Knows what Slipway uses: bold, dim, and the eight colours. */
function piecesOf(line) {
  const pieces = [];
  let look = {};
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    const codes = /^\x1b\[([0-9;]*)m$/.exec(part)?.[1];
    if (codes === undefined) {
      if (part !== '') pieces.push({ ...look, text: part });
      continue;
    }
    for (const code of codes.split(';').map(Number)) look = lookAfter(look, code);
  }
  return pieces;
}

function lookAfter(look, code) {
  if (code === 0) return {};
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 39) return { ...look, colour: undefined };
  return colours[code] === undefined ? look : { ...look, colour: colours[code] };
}

const escaped = (plain) => plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function lineText(line, row) {
  let column = 0;
  const spans = piecesOf(line).map(({ text: said, bold, dim, colour }) => {
    const x = size.margin + column * size.char;
    column += [...said].length;
    const style = `${bold ? ' font-weight="700"' : ''}${dim ? ' opacity="0.6"' : ''}${colour ? ` fill="${colour}"` : ''}`;
    // every piece at its own column: fonts that people have differ in width
    return `<tspan x="${x.toFixed(1)}" textLength="${([...said].length * size.char).toFixed(1)}"${style}>${escaped(said)}</tspan>`;
  });
  return `<text y="${size.bar + size.margin + row * size.line}" xml:space="preserve">${spans.join('')}</text>`;
}

const [title = 'Terminal'] = process.argv.slice(2);
const lines = (await text(process.stdin)).replace(/\s+$/, '').split('\n');
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const longest = Math.max(...lines.map((line) => [...line.replace(/\x1b\[[0-9;]*m/g, '')].length));
const width = Math.ceil(longest * size.char + 2 * size.margin);
const height = size.bar + lines.length * size.line + size.margin;
console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<rect width="100%" height="100%" rx="8" fill="#22272e"/>
<text x="${size.margin}" y="20" fill="#768390" font-family="ui-sans-serif,system-ui,sans-serif" font-size="12">${escaped(title)}</text>
<g fill="#cdd9e5" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${size.font}">
${lines.map(lineText).join('\n')}
</g>
</svg>`);
