/**
 * A small strict reader of XML, enough to say that a JUnit report is well-formed and what it holds:
 * elements, attributes, texts, the five named entities. Throws at anything else.
 */
export interface XmlElement {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  text: string;
}

const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** All elements in the order in which they open. */
export function elementsOf(xml: string): readonly XmlElement[] {
  const elements: XmlElement[] = [];
  const open: XmlElement[] = [];
  const token = /<\?xml[^?]*\?>|<(\/?)([A-Za-z][\w.-]*)((?:\s+[\w.-]+="[^"<]*")*)\s*(\/?)>|[^<]+/gy;
  let roots = 0;
  for (let at = 0; at < xml.length; at = token.lastIndex) {
    token.lastIndex = at;
    const match = token.exec(xml);
    if (match === null) throw new Error(`not XML at: ${xml.slice(at, at + 60)}`);
    const [whole, close, name, attributes, empty] = match;
    if (name === undefined) {
      if (!whole.startsWith('<')) addText(open, whole);
      continue;
    }
    if (close === '/') {
      const last = open.pop();
      if (last?.name !== name) throw new Error(`</${name}> closes ${last?.name ?? 'nothing'}`);
      continue;
    }
    if (open.length === 0) roots += 1;
    const element = { name, attributes: attributesOf(attributes ?? ''), text: '' };
    elements.push(element);
    if (empty !== '/') open.push(element);
  }
  if (open.length > 0 || roots !== 1) throw new Error('elements are left open, or not one root');
  return elements;
}

function addText(open: readonly XmlElement[], raw: string): void {
  const last = open.at(-1);
  if (last !== undefined) last.text += decode(raw);
  else if (raw.trim() !== '') throw new Error(`text outside of the root: ${raw}`);
}

function attributesOf(raw: string): { readonly [name: string]: string } {
  const found = new Map<string, string>();
  for (const [, name, value] of raw.matchAll(/([\w.-]+)="([^"]*)"/g)) {
    if (found.has(name!)) throw new Error(`attribute ${name} twice`);
    found.set(name!, decode(value!));
  }
  return Object.fromEntries(found);
}

function decode(raw: string): string {
  return raw.replace(/&([^;&]*);?/g, (whole, name: string) => {
    const letter = ENTITIES.get(name);
    if (letter === undefined || !whole.endsWith(';')) throw new Error(`entity ${whole}`);
    return letter;
  });
}
