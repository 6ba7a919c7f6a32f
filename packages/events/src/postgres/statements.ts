/** The statements of a log in a schema, whose name is checked before. */
export type LogStatements = { readonly append: string; readonly read: string; readonly purge: string };

/** The channel on which appends are notified, with the topic as the payload. */
export function channelOf(schema: string): string {
  return `${schema}_log`;
}

/** `append` takes topic, key, data, at; `read` topic, after, oldest at, limit; `purge` the oldest at to keep. */
export function statementsOf(schema: string): LogStatements {
  return {
    // The lock is in a CTE that the insert selects from, so that it is held before the position is drawn.
    append: `
      with turn as materialized (
        select pg_advisory_xact_lock(hashtextextended('countersign:${schema}:' || $1::text, 0))
      ), stored as (
        insert into ${schema}.log (topic, key, data, at)
        select $1::text, $2::text, $3::text, $4::bigint from turn
        on conflict (topic, key) do nothing
        returning topic
      )
      select pg_notify('${channelOf(schema)}', topic) from stored`,
    // A position that the sequence has not reached belongs to another log: then all is read.
    read: `
      select id, key, data, at from ${schema}.log
      where topic = $1::text and at >= $3::bigint and id > (
        select case when is_called and $2::bigint <= last_value then $2::bigint else 0 end from ${schema}.log_position
      )
      order by id limit $4::int`,
    purge: `delete from ${schema}.log where at < $1::bigint`,
  };
}

/** Makes the log unless another process has made it meanwhile. */
export function createLogStatement(schema: string): string {
  return `do $$
    begin
      create schema if not exists ${schema};
      execute format(
        'create sequence ${schema}.log_position start with %s', (extract(epoch from clock_timestamp()) * 1e6)::bigint
      );
      create table ${schema}.log (
        id bigint primary key default nextval('${schema}.log_position'),
        topic text not null,
        key text not null,
        data text not null,
        at bigint not null,
        unique (topic, key)
      );
      create index log_topic_id on ${schema}.log (topic, id);
      create index log_at on ${schema}.log (at);
    exception
      -- Another process made it all and has committed: this one waited for that.
      when unique_violation or duplicate_schema or duplicate_table then null;
    end
  $$`;
}
