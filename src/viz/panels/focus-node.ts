/** Moves the focus to the button of a node. */
export function focusNode(list: HTMLElement | null, index: number): void {
  const button = list?.querySelector(`[data-node="${index}"]`);
  if (button instanceof HTMLElement) button.focus();
}
