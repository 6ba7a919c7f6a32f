/** What the one query answers, in every candidate: the id of the caller. */
export const userId = "00000000-0000-4000-8000-000000000001";
