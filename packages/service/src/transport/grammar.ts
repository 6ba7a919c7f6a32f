/** The name of a header, or a method (RFC 9110 §5.6.2). */
export const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** The value of a header (RFC 9110 §5.5). Nothing beyond one byte: U+010A would be cut down to a line feed. */
export const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
