/** What the one query answers, in every candidate: the id of the caller. */
export const userId = "00000000-0000-4000-8000-000000000001";

/** The secret of the pattern in which all services share one. */
export const sharedKey = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
