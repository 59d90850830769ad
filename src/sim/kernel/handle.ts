/** The name of one scheduled event: slot index and generation in a safe integer. */
declare const handleBrand: unique symbol;

/** Stale once its event ran, was cancelled, or was armed for another time. */
export type Handle = number & { readonly [handleBrand]: 'Handle' };

/** Never names an event. */
export const NO_HANDLE = -1 as Handle;
