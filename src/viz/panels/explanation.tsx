/**
 * What explains a finding: the events that prove it and, step by step, the messages that brought
 * them about or would have prevented them. Each goes to its moment.
 */
import { PROOF_MESSAGES_SHOWN } from '../../sim/index.ts';
import type { Proof, ProofEvent, ProofMessage, ProofStep } from '../../sim/index.ts';
import { capital, formatMoment } from '../state/format.ts';
import { usePage } from './context.ts';
import { Empty } from './parts.tsx';

interface ExplanationProps {
  /** Null: it is being looked for. */
  readonly proof: Proof | null;
  readonly evidence: readonly number[];
}

export function Explanation({ proof, evidence }: ExplanationProps) {
  if (proof === null) return <Empty>Going over the run once more, for its messages.</Empty>;
  const { events, steps } = proof;
  const told = events.filter(({ sentences }) => sentences.length > 0);
  const more = evidence.length - told.length;
  return (
    <div class="explanation">
      {told.length === 0 && steps.length === 0 ? (
        <Empty>The run tells nothing of the events that prove it.</Empty>
      ) : (
        <>
          <h3>It is proved by</h3>
          <ol>
            {told.map((one) => (
              <EventLine key={one.event} event={one} />
            ))}
          </ol>
          {more > 0 && <p class="muted">and {count(more, 'more event')}</p>}
          {steps.map((step, at) => (
            <Step key={at} step={step} />
          ))}
        </>
      )}
    </div>
  );
}

function Step({ step: { title, messages } }: { readonly step: ProofStep }) {
  const more = messages.length - PROOF_MESSAGES_SHOWN;
  return (
    <>
      <h3>{capital(title)}</h3>
      {messages.length > 0 && (
        <ol>
          {messages.slice(0, PROOF_MESSAGES_SHOWN).map((message, at) => (
            <MessageLine key={at} message={message} />
          ))}
        </ol>
      )}
      {more > 0 && <p class="muted">and {count(more, 'more message')}</p>}
    </>
  );
}

function EventLine({ event: { event, atMicros, sentences } }: { readonly event: ProofEvent }) {
  return (
    <li>
      {atMicros !== null && <MomentButton event={event} micros={atMicros} />} {sentences.join('; ')}
    </li>
  );
}

function MessageLine({ message }: { readonly message: ProofMessage }) {
  const { event, atMicros, text, isMissing } = message;
  return (
    <li class={isMissing ? 'missing' : ''}>
      <MomentButton event={event} micros={atMicros} /> {text}
    </li>
  );
}

interface MomentProps {
  readonly event: number;
  readonly micros: number;
}

/** A moment that one can go to. */
export function MomentButton({ event, micros }: MomentProps) {
  const { controller } = usePage();
  return (
    <button
      type="button"
      class="link-button"
      onClick={() => {
        controller.pause();
        controller.goTo({ event });
      }}
    >
      {formatMoment(micros)}
    </button>
  );
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
