/** The floors, as dependency-cruiser reads them. The table itself is scripts/floors.mjs. */
import { cruiseOptions, floorRules } from './scripts/floors.mjs';

export default {
  forbidden: floorRules(),
  options: { ...cruiseOptions, tsConfig: { fileName: 'tsconfig.json' } },
};
