/**
 * Lets a finger or a pen move an element sideways, and calls `away` if it is let go more than a third of its width from its place.
 * A mouse selects text instead. Handles the `pointerdown` of the element, whose `touch-action` has to leave sideways movements alone.
 */
export function swipe(down: PointerEvent, away: () => void): void {
  if (down.pointerType === 'mouse' || !down.isPrimary) return;
  const { style, offsetWidth } = down.currentTarget as HTMLElement;
  const done = new AbortController();
  const move = ({ type, clientX, pointerId }: PointerEvent): void => {
    if (pointerId !== down.pointerId) return;
    const by = clientX - down.clientX;
    const isMoving = type === 'pointermove';
    const isAway = type === 'pointerup' && Math.abs(by) * 3 > offsetWidth;
    style.transition = isMoving ? 'none' : '';
    style.translate = isMoving || isAway ? `${by}px` : '';
    if (!isMoving) done.abort();
    if (isAway) away();
  };
  for (const type of ['pointermove', 'pointerup', 'pointercancel'] as const)
    addEventListener(type, move, { signal: done.signal });
}
