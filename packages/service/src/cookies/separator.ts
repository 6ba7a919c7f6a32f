/** What separates the cookies of a header: a semicolon, or a comma with the name of a cookie behind it. */
export const separator = /;|,(?=\s*[\w!#$%&'*+\-.^`|~]+\s*=)/;
