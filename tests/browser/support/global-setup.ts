/**
 * Builds the site once for all browser tests and serves it under a sub-path. A test reads the
 * address with `inject('siteUrl')`.
 */
import type { TestProject } from 'vitest/node';
import { serve } from '../../../scripts/static-server.mjs';
import { freshSite } from '../../../scripts/site.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the built site, with a slash at its end. */
    siteUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await serve({ folder: freshSite() });
  project.provide('siteUrl', server.url);
  return server.close;
}
