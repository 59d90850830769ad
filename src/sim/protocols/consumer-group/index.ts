/** The coordinator of consumer groups, for those who host it in a component or explore it. */
export { groupMachine, refuseGroupRequest } from './machine.ts';
