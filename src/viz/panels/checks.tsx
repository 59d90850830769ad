/** The checks of the run as lamps, with a way to the moment each finding happened. */
import type { CheckFrame } from '../../sim/index.ts';
import { formatMoment } from '../state/format.ts';
import { useApp, usePage } from './context.ts';
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
  const { controller } = usePage();
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
        {check.findings.slice(0, 5).map((finding) => (
          <p key={`${finding.event}-${finding.micros}`} class="finding">
            <button
              type="button"
              class="link-button"
              onClick={() => {
                controller.pause();
                controller.goTo({ event: finding.event });
              }}
            >
              {formatMoment(finding.micros)}
            </button>{' '}
            {finding.why}
          </p>
        ))}
        {check.findings.length > 5 && (
          <p class="muted">and {check.findings.length - 5} more findings</p>
        )}
      </div>
    </li>
  );
}
