/**
 * Something that a bench needs is not on this machine: the message says what, and how to get it. It is told as it stands,
 * without a stack; the bench counts as failed.
 */
export class Unavailable extends Error {}
