/** Makes a session for a command, so that what goes wrong while it is built is blamed rightly. */
import { encodeLink, Session } from '../sim/index.ts';
import type { RunSpec, SessionOptions } from '../sim/index.ts';
import { blame } from './errors.ts';
import type { Host } from './host.ts';
import { baseUrl, commandOf } from './repro.ts';
import type { Subject } from './subject.ts';

export function openSession(
  spec: RunSpec,
  subject: Subject,
  host: Host,
  observe?: NonNullable<SessionOptions['observe']>,
): Session {
  try {
    return new Session(spec, {
      scenarios: subject.scenarios,
      link: baseUrl(host),
      ...(observe === undefined ? {} : { observe }),
    });
  } catch (error) {
    throw blame(error, subject, commandOf(spec, subject, encodeLink(spec), host));
  }
}
