/** The checks of the run as lamps, with a way to the moment each finding happened. */
import type { CheckFrame, FindingFrame } from '../../sim/index.ts';
import { isSameFinding } from '../state/model.ts';
import { useApp, usePage } from './context.ts';
import { Explanation, MomentButton } from './explanation.tsx';
import { Empty, Gloss, Lamp } from './parts.tsx';

export function Checks() {
  const checks = useApp((state) => state.scene?.checks ?? NONE);
  const ended = useApp((state) => state.scene?.ended ?? null);
  return (
    <section class="panel" aria-labelledby="checks-title">
      <header class="panel-head">
        <h2 id="checks-title">Checks</h2>
        <span class="muted">{ended === null ? 'so far' : 'at the end'}</span>
      </header>
      {checks.length === 0 ? (
        <Empty>This scenario checks nothing.</Empty>
      ) : (
        <ul class="checks">
          {checks.map((check) => (
            <CheckLine key={check.id} check={check} />
          ))}
        </ul>
      )}
    </section>
  );
}

const NONE: readonly CheckFrame[] = [];

function CheckLine({ check }: { check: CheckFrame }) {
  const shown = useShown(check);
  const comparedWith = useApp((state) => state.run?.comparedWith ?? null);
  const asExpected = check.expected === 'breaks' && check.verdict === 'fail';
  return (
    <li class="check">
      <Lamp verdict={check.verdict} />
      <div>
        <strong>
          <Gloss word={check.use}>{check.id}</Gloss>
        </strong>{' '}
        <span class="muted">{check.status}</span>
        {asExpected && <span class="badge">as expected</span>}
        {comparedWith !== null && (
          <p class="muted">
            Expected with the rules on (variant {comparedWith}): {check.expected}
          </p>
        )}
        {check.about !== '' && <p>{check.about}</p>}
        {shown.map((finding) => (
          <Finding key={`${finding.event} ${finding.why}`} finding={finding} />
        ))}
        {check.findings.length > FINDINGS_SHOWN && (
          <p class="muted">and {check.findings.length - FINDINGS_SHOWN} more findings</p>
        )}
      </div>
    </li>
  );
}

const FINDINGS_SHOWN = 5;

/**
 * The first ones, and the one that is looked into: it stays when the viewer has gone back to one of
 * its messages, where it is still to come.
 */
function useShown({ id, findings }: CheckFrame): readonly FindingFrame[] {
  const looked = useApp((state) => state.explained?.finding ?? null);
  const first = findings.slice(0, FINDINGS_SHOWN);
  if (looked === null || looked.check !== id) return first;
  return first.some((one) => isSameFinding(one, looked)) ? first : [...first, looked];
}

function Finding({ finding }: { readonly finding: FindingFrame }) {
  const { controller } = usePage();
  const explained = useApp((state) => state.explained);
  const isOpen = explained !== null && isSameFinding(explained.finding, finding);
  return (
    <div class="finding">
      <p>
        <MomentButton event={finding.event} micros={finding.micros} /> {finding.why}
      </p>
      {finding.evidence.length > 0 && (
        <button
          type="button"
          class="button"
          aria-expanded={isOpen}
          onClick={() => controller.explain(isOpen ? null : finding)}
        >
          {isOpen ? 'Hide its messages' : 'Which messages led to it'}
        </button>
      )}
      {isOpen && <Explanation proof={explained.proof} evidence={finding.evidence} />}
    </div>
  );
}
