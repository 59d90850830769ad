/** The coordinator of consumer groups, for those who host it in a component or explore it. */
export { refuseGroupRequest } from './answers.ts';
export type { GroupFact } from './facts.ts';
export { groupMachine } from './machine.ts';
export { GROUP_RULES, groupRules } from './rules.ts';
export type { GroupRule, GroupRules } from './rules.ts';
export { phaseOf } from './consumer-state.ts';
export type { ConsumerGroup, ConsumerMember, ConsumerPhase } from './consumer-state.ts';
export type { Group, GroupConfig, GroupPhase, GroupsState, Member } from './state.ts';
