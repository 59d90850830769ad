/**
 * Generated parts of a Markdown file stand between two comments, so that prose around them stays
 * hand-written:
 *
 *     <!-- generated:floors -->
 *     ...
 *     <!-- /generated:floors -->
 */

/**
 * The text with the named block's content replaced.
 * @param {string} text
 * @param {string} name
 * @param {string} content
 */
export function replaceBlock(text, name, content) {
  const open = `<!-- generated:${name} -->`;
  const close = `<!-- /generated:${name} -->`;
  const start = text.indexOf(open);
  const end = text.indexOf(close);
  if (start < 0 || end < start) throw new Error(`The markers ${open} ... ${close} are missing.`);
  return `${text.slice(0, start)}${open}\n${content}\n${text.slice(end)}`;
}
