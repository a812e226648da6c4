/** Swarm's own placeholders, which people use on purpose: `{{.Node.Hostname}}`, `{{.Task.Slot}}`. */
const placeholder = /\{\{[^{}]*\.(Service|Node|Task)\b[^{}]*\}\}/;

/**
 * Swarm reads variables, host names and mount sources as Go templates: a `{{` that is none of its placeholders (a log
 * format, a Jinja text) would be replaced by nothing, or fail every instance. It is written so that it comes out as it was.
 */
export const escapeTemplate = (text: string): string =>
  text.includes('{{') && !placeholder.test(text) ? text.replaceAll('{{', '{{"{{"}}') : text;
