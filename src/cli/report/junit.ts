/**
 * A JUnit report: one test case per check, so that CI shows which property failed.
 *
 * An unknown verdict is no failure and no success: it is `skipped`, with its reason.
 * Source: the schema that Jenkins and Surefire read (testsuites/testsuite/testcase).
 */
import type { CheckReport, Report } from '../../sim/index.ts';
import { formatMicros } from '../format.ts';

export function junitReport(report: Report): string {
  const suite = `${report.scenario} seed ${report.seed}`;
  const count = (verdict: CheckReport['verdict']) =>
    report.checks.filter((check) => check.verdict === verdict).length;
  const seconds = (report.simulatedMicros / 1_000_000).toFixed(3);
  const totals =
    `tests="${report.checks.length}" failures="${count('fail')}" errors="0" ` +
    `skipped="${count('unknown')}" time="${seconds}"`;
  const properties = propertiesOf(report).map(
    ([name, value]) => `      <property name="${escapeXml(name)}" value="${escapeXml(value)}"/>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="faultline" ${totals.replace(/ skipped="\d+"/, '')}>`,
    `  <testsuite name="${escapeXml(suite)}" ${totals}>`,
    '    <properties>',
    ...properties,
    '    </properties>',
    ...report.checks.map((check) => testCase(report, check)),
    `    <system-out>${escapeXml(`${report.repro.command}\n${report.repro.link}`)}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function propertiesOf(report: Report): readonly (readonly [string, string])[] {
  const params = Object.entries(report.params).map(
    ([name, value]) => [`param.${name}`, JSON.stringify(value)] as const,
  );
  return [
    ['seed', String(report.seed)],
    ['engine', String(report.spec.engine)],
    ['verdict', report.verdict],
    ['variant', report.variant ?? ''],
    ['modified', report.modified.join(',')],
    ['ended', report.ended],
    ['traceHash', report.traceHash],
    ['stateHash', report.stateHash],
    ...params,
  ];
}

function testCase(report: Report, check: CheckReport): string {
  const className = report.scenario.replaceAll('/', '.');
  const head = `    <testcase classname="${escapeXml(className)}" name="${escapeXml(check.check)}"`;
  if (check.verdict === 'pass') return `${head} time="0"/>`;
  const why = escapeXml(check.why);
  if (check.verdict === 'unknown') {
    return `${head} time="0">\n      <skipped message="${why}"/>\n    </testcase>`;
  }
  const findings = report.findings
    .filter((finding) => finding.check === check.check)
    .map((finding) => `${formatMicros(finding.atMicros)}: ${finding.why}`);
  const repeat = `repeat: ${report.repro.command}`;
  const text = escapeXml([check.why, ...findings, repeat].join('\n'));
  const type = `expected-${check.expected}`;
  return (
    `${head} time="0">\n      <failure message="${why}" type="${type}">${text}</failure>\n` +
    '    </testcase>'
  );
}

const ENTITY = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
]);

/** Escapes what XML reads, and replaces what XML 1.0 cannot hold at all, even escaped. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(/[&<>"']/g, (letter) => ENTITY.get(letter)!)
    .replace(/\r\n?/g, '\n');
}
