/** Whether something answers at this URL, within two seconds and with a success. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // nobody listens there yet, which is what is asked
  }
}
