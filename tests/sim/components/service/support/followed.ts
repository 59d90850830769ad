/** Of these links those that steps name: a link that no step follows is refused. */
export const followed = (
  links: Readonly<Record<string, string>>,
  steps: readonly unknown[],
): Readonly<Record<string, string>> => {
  const words = JSON.stringify(steps);
  return Object.fromEntries(Object.entries(links).filter(([role]) => words.includes(`"${role}"`)));
};
