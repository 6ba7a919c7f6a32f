import { roleNames } from "@countersign/access";
import { Refusal } from "@countersign/context";
import { changePassword } from "../../src/accounts/change-password.ts";
import { disableUser, setRoles } from "../../src/accounts/change-user.ts";
import { enableUser } from "../../src/accounts/enable-user.ts";
import { resetPassword } from "../../src/accounts/reset-password.ts";
import { signOut, signOutEverywhere } from "../../src/sessions/sign-out.ts";
import { checkNow } from "./check.ts";
import { command, pick, pickSession } from "./command.ts";
import type { ReplicaName } from "./platform.ts";
import { type Ending, endSessions, endTokens, isOfUser, type ModelUser, mayGo } from "./state.ts";
import { hold } from "./violation.ts";
import { countRevocations, lastRevocation, operator, type World } from "./world.ts";

/** Takes note of what a change has ended, by one event however many sessions there are. */
async function ended(world: World, at: ReplicaName, ending: Ending & { readonly before: number }): Promise<void> {
  const count = (await countRevocations(world)) - ending.before;
  hold("bounded", count <= 1, `${ending.why} made ${count} events`);
  endTokens(world.state, ending, await lastRevocation(world));
  await checkNow(world, at);
}

const change = ({ from }: World, { id }: ModelUser, actor = operator) => ({ userId: id, actor, from });

export const setRolesOf = (at: ReplicaName, choice: number) =>
  command(`roles ${choice} at ${at}`, async (world) => {
    const { subject } = world.state;
    const roles = choice % 2 === 0 ? roleNames : (["user"] as const);
    const before = await countRevocations(world);
    const isDone = await done(setRoles(world.platform.replicas[at].auth.deps, roles, change(world, subject)));
    const mayBe = choice % 2 === 0 || mayGo(world.state, subject);
    hold("administrator", isDone === mayBe, `the roles of an administrator were changed: ${isDone}`);
    if (!isDone || roles.length === subject.roles.length) return;
    subject.roles = roles;
    await ended(world, at, { why: "changed roles", covers: isOfUser, before });
  });

export const disable = (at: ReplicaName) =>
  command(
    `disable at ${at}`,
    async (world) => {
      const { state } = world;
      const before = await countRevocations(world);
      const isDone = await done(disableUser(world.platform.replicas[at].auth.deps, change(world, state.subject)));
      hold("administrator", isDone === mayGo(state, state.subject), `an administrator was disabled: ${isDone}`);
      if (!isDone) return;
      state.subject.isActive = false;
      endSessions(state, "a disabled account");
      await ended(world, at, { why: "a disabled account", covers: isOfUser, before });
    },
    ({ subject }) => subject.isActive,
  );

export const enable = (at: ReplicaName) =>
  command(
    `enable at ${at}`,
    async (world) => {
      await enableUser(world.platform.replicas[at].auth.deps, change(world, world.state.subject));
      world.state.subject.isActive = true;
      await checkNow(world, at);
    },
    ({ subject }) => !subject.isActive,
  );

export const newPassword = (at: ReplicaName, choice: number) =>
  command(
    `password in session ${choice} at ${at}`,
    async (world) => {
      const { subject } = world.state;
      const session = pickSession(world.state, choice);
      const next = subject.password === "correct horse" ? "battery staple" : "correct horse";
      const before = await countRevocations(world);
      const passwords = { currentPassword: subject.password, newPassword: next };
      const owner = { userId: subject.id, sessionId: session.id, from: world.from };
      const { deps } = world.platform.replicas[at].auth;
      const isDone = await done(changePassword(deps, passwords, owner));
      hold("refused", isDone === (session.ended === null), `a change of the password in ${session.id}: ${isDone}`);
      if (!isDone) return;
      subject.password = next;
      endSessions(world.state, "a changed password", session);
      await ended(world, at, {
        why: "a changed password",
        before,
        covers: (token) => isOfUser(token) && token.session !== session,
      });
    },
    ({ subject, sessions }) => subject.isActive && sessions.length > 0,
  );

/** An administrator gives the user a new password. */
export const resetPasswordOf = (at: ReplicaName) =>
  command(`reset the password at ${at}`, async (world) => {
    const { subject } = world.state;
    const before = await countRevocations(world);
    const { password } = await resetPassword(world.platform.replicas[at].auth.deps, change(world, subject));
    subject.password = password;
    endSessions(world.state, "a reset password");
    await ended(world, at, { why: "a reset password", covers: isOfUser, before });
  });

export const leave = (at: ReplicaName, choice: number) =>
  command(`sign out of session ${choice} at ${at}`, (world) => leaveSession(world, at, choice));

export async function leaveSession(world: World, at: ReplicaName, choice: number): Promise<void> {
  const session = pickSession(world.state, choice);
  const before = await countRevocations(world);
  const which = { sessionId: session.id, userId: world.state.subject.id, reason: "logout", from: world.from } as const;
  const hasEnded = await signOut(world.platform.replicas[at].auth.deps, which);
  hold("refused", hasEnded === (session.ended === null), `a sign-out of ${session.id}: ${hasEnded}`);
  session.ended ??= "a sign-out";
  await ended(world, at, { why: "a sign-out", covers: (token) => token.session === session, before });
}

export const leaveEverywhere = (at: ReplicaName) =>
  command(`sign out everywhere at ${at}`, async (world) => {
    const before = await countRevocations(world);
    await signOutEverywhere(world.platform.replicas[at].auth.deps, world.state.subject.id, world.from);
    endSessions(world.state, "a sign-out everywhere");
    await ended(world, at, { why: "a sign-out everywhere", covers: isOfUser, before });
  });

/** Two administrators take the right from each other at two replicas at once, by two ways. */
export const demoteEachOther = (choice: number) =>
  command(`administrators ${choice} end each other`, async (world) => {
    const [one, other] = world.state.administrators;
    if (one === undefined || other === undefined) throw new Error("There are two administrators.");
    const { a, b } = world.platform.replicas;
    const demote = choice % 2 === 0;
    const requires = "users:write";
    const first = setRoles(a.auth.deps, ["user"], { ...change(world, other, one.id), requires });
    const by = { ...change(world, one, other.id), requires } as const;
    const second = demote ? setRoles(b.auth.deps, ["user"], by) : disableUser(b.auth.deps, by);
    const [otherGone, oneGone] = await Promise.all([done(first), done(second)]);
    hold("refused", !otherGone || !oneGone, "each of two administrators ended the other");
    if (otherGone) other.roles = ["user"];
    if (oneGone && demote) one.roles = ["user"];
    if (oneGone && !demote) one.isActive = false;
    await checkNow(world, "a");
  });

/** An administrator is demoted, disabled, or made one again. */
export const changeAdministrator = (at: ReplicaName, choice: number) =>
  command(`administrator ${choice} at ${at}`, async (world) => {
    const user = pick(world.state.administrators, choice);
    if (user === undefined) throw new Error("There are two administrators.");
    const { deps } = world.platform.replicas[at].auth;
    const mayBe = mayGo(world.state, user);
    const which = Math.floor(choice / 2) % 3;
    if (which === 0) {
      await enableUser(deps, change(world, user));
      await setRoles(deps, ["user", "admin"], change(world, user));
      user.isActive = true;
      user.roles = ["user", "admin"];
    } else {
      const isDone = await done(
        which === 1 ? setRoles(deps, ["user"], change(world, user)) : disableUser(deps, change(world, user)),
      );
      hold("administrator", isDone === mayBe, `administrator ${choice} can go: ${isDone}`);
      if (isDone && which === 1) user.roles = ["user"];
      if (isDone && which === 2) user.isActive = false;
    }
    await checkNow(world, at);
  });

/** Whether something was done, and not refused. */
async function done(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code !== "INTERNAL_SERVER_ERROR") return false;
    throw error;
  }
}
