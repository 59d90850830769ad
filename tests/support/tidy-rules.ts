/**
 * The rules of tests/tidy.test.ts as functions of a text, so that each can be shown to bite.
 */
import ts from 'typescript';

const parse = (file: string, text: string) =>
  ts.createSourceFile(
    file,
    text,
    ts.ScriptTarget.ES2023,
    true,
    file.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );

/** Lines wider than the limit; a line that is one unbreakable address is left alone. */
export function longLines(file: string, text: string, columnsMax: number): string[] {
  return text.split('\n').flatMap((line, index) => {
    const address = /^\s*(\/\/|\*)?\s*\S*https?:\/\/\S+$/.test(line);
    return line.length > columnsMax && !address
      ? [`${file}:${index + 1}: ${line.length} columns, ${columnsMax} allowed`]
      : [];
  });
}

/** Functions whose text spans more lines than the limit, comments above not counted. */
export function longFunctions(file: string, text: string, linesMax: number): string[] {
  const source = parse(file, text);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      const lines = last - first + 1;
      if (lines > linesMax) {
        found.push(`${file}:${first + 1} ${nameOf(node)} has ${lines} lines, ${linesMax} allowed`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const holder = node.parent;
  if (ts.isVariableDeclaration(holder) || ts.isPropertyAssignment(holder)) {
    return holder.name.getText();
  }
  return ts.isConstructorDeclaration(node) ? 'constructor' : '(anonymous)';
}

// Written in pieces, so that this file does not find itself.
const LEFT_OVERS: readonly [RegExp, string][] = [
  [new RegExp(`\\b(${'TO' + 'DO'}|${'FIX' + 'ME'}|${'XX' + 'X'})\\b`), 'finish it or say it'],
  [new RegExp(`\\b(it|test|describe|suite)\\.${'only'}\\b`), 'it hides every other test'],
  [
    new RegExp(`\\b(it|test|describe|suite)\\.(${'skip'}|${'todo'})\\b`),
    'make it run or remove it',
  ],
  [new RegExp(`@ts-${'ignore'}|@ts-${'nocheck'}`), 'mend the type'],
  [new RegExp(`^\\s*${'debug' + 'ger'};`), 'remove it'],
];
const CONDITIONAL_SKIP = /\b(it|test|describe|suite)\.(skipIf|runIf)\b/;

/** Unfinished work, and tests that are switched off without a printed reason. */
export function leftOvers(file: string, text: string): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const place = `${file}:${index + 1}`;
    const found = LEFT_OVERS.filter(([pattern]) => pattern.test(line)).map(
      ([, remedy]) => `${place}: ${line.trim()} (${remedy})`,
    );
    if (CONDITIONAL_SKIP.test(line) && !/because/i.test(lines.slice(index - 3, index + 1).join())) {
      found.push(`${place}: say in a comment "Skipped because: ..."`);
    }
    return found;
  });
}

const BANNED: readonly [RegExp, string][] = [
  [/(^|[\s'"`(=])\/(work|root|home\/\w+)\//, 'a path of one machine'],
  [/(^|[\s'"`(=])\/tmp\//, 'a path of one machine: use os.tmpdir()'],
  [/registry\.(npmjs|yarnpkg|npmmirror)\.\w+/, 'the registry is the choice of the installer'],
  [/"resolved":\s*"http/, 'the registry is the choice of the installer'],
  [new RegExp(`\\b${'sub'}-?${'agents?'}\\b`, 'i'), 'not a word of this project'],
];

/** Words and addresses that must not be in the repository, with the reason. */
export function bannedWords(file: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      BANNED.filter(([pattern]) => pattern.test(line)).map(
        ([, why]) => `${file}:${index + 1}: ${line.trim().slice(0, 80)} (${why})`,
      ),
    );
}

/** The literal `id` in the call of defineScenario, or undefined when the file defines none. */
export function scenarioIdOf(file: string, text: string): string | undefined {
  let id: string | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'defineScenario') {
      const [options] = node.arguments;
      if (options !== undefined && ts.isObjectLiteralExpression(options)) {
        for (const property of options.properties) {
          if (
            ts.isPropertyAssignment(property) &&
            property.name.getText() === 'id' &&
            ts.isStringLiteral(property.initializer)
          ) {
            id = property.initializer.text;
          }
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(file, text));
  return id;
}

/** All files that can be reached from the entries by imports of any kind. */
export function reachableFrom(
  entries: readonly string[],
  read: (file: string) => string,
  resolveImport: (from: string, to: string) => string | undefined,
): Set<string> {
  const reached = new Set(entries);
  // A Set visits what is added while it is walked, so this loop is the whole search.
  for (const file of reached) {
    for (const name of importsOf(read(file))) {
      const target = resolveImport(file, name);
      if (target !== undefined) reached.add(target);
    }
  }
  return reached;
}

function importsOf(text: string): string[] {
  const names = ts.preProcessFile(text, true, true).importedFiles.map((entry) => entry.fileName);
  const addresses = [...text.matchAll(/new URL\(\s*'([^']+)',\s*import\.meta\.url/g)];
  return [...names, ...addresses.map((match) => match[1] ?? '')];
}
