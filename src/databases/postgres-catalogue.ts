/**
 * Whom PostgreSQL takes us for. Who is a member of another role may become it with `set role`; since PostgreSQL 16 a
 * membership may leave that out.
 */
export const IDENTITY = `
select
  current_user as "user",
  current_database() as "database",
  split_part(version(), ' on ', 1) as "server",
  me.rolsuper as "superuser",
  me.rolsuper or me.rolbypassrls as "bypassesPolicies",
  coalesce((
    select json_agg(json_build_object('user', other.rolname, 'bypassesPolicies', other.rolsuper or other.rolbypassrls)
                    order by other.rolname)
    from pg_roles other
    where not me.rolsuper and other.oid <> me.oid
      and pg_has_role(other.oid, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)
  ), '[]') as "mayBecome"
from pg_roles me
where me.rolname = current_user`

/**
 * Tables and views with what the current user may do. $1: at most so many; $2: names that come first.
 *
 * `reads` follows each view down to its tables with the user as whom they are read: a view reads as its owner, one with
 * `security_invoker` as whoever asks, whatever view stands above it. Policies do not hold for superusers, for users with `bypassrls`, and for the
 * owner of a table that does not force them. A materialized view holds what its owner saw.
 */
export const CATALOGUE = `
with recursive me as (
  select oid from pg_roles where rolname = current_user
), listed as (
  select c.oid, c.relname, c.relkind, c.relowner, c.relrowsecurity, c.reloptions, n.nspname,
         has_schema_privilege(n.oid, 'usage') as usable
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and n.nspname not in ('pg_catalog', 'information_schema')
    and n.nspname !~ '^pg_(toast|temp_)'
  order by c.relname = any($2::text[]) desc, n.nspname, c.relname
  limit $1
), reads as (
  select v.oid as view, v.oid as relation, v.relkind = 'm' as kept,
         case when ${invoker('v')} then (select oid from me) else v.relowner end as reader
  from listed v
  where v.relkind in ('v', 'm')
  union
  select r.view, c.oid, r.kept or c.relkind = 'm',
         case when c.relkind <> 'v' then r.reader when ${invoker('c')} then (select oid from me) else c.relowner end
  from reads r
  join pg_rewrite w on w.ev_class = r.relation
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
  join pg_class c on c.oid = d.refobjid and c.oid <> r.relation
), past as (
  select r.view,
         bool_or(r.kept or u.rolsuper or u.rolbypassrls
                 or (pg_has_role(u.oid, t.relowner, 'usage') and not t.relforcerowsecurity)) as bypassed
  from reads r
  join pg_class t on t.oid = r.relation and t.relrowsecurity
  join pg_roles u on u.oid = r.reader
  group by r.view
)
select
  l.nspname as "schema",
  l.relname as "name",
  case l.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end as "kind",
  pg_table_is_visible(l.oid) as "unqualified",
  array(
    select p.privilege
    from unnest(array['select', 'insert', 'update', 'delete', 'truncate']) with ordinality as p (privilege, position)
    where l.usable and has_table_privilege(l.oid, p.privilege)
    order by p.position
  ) as "privileges",
  array(${columns("l.usable and has_column_privilege(l.oid, a.attnum, 'select')")}) as "columns",
  array(${columns("not (l.usable and has_column_privilege(l.oid, a.attnum, 'select'))")}) as "hiddenColumns",
  case
    when l.relkind in ('v', 'm') then
      case when past.bypassed is null then 'none' when past.bypassed then 'bypassed' else 'hold' end
    when not l.relrowsecurity then 'none'
    when row_security_active(l.oid) then 'hold'
    else 'bypassed'
  end as "policies"
from listed l
left join past on past.view = l.oid
order by l.nspname, l.relname`

function invoker(table: string): string {
  return `coalesce(lower(${table}.reloptions::text) ~ 'security_invoker=(true|on|yes|1)', false)`
}

function columns(readable: string): string {
  return `
    select a.attname::text
    from pg_attribute a
    where a.attrelid = l.oid and a.attnum > 0 and not a.attisdropped and ${readable}
    order by a.attnum`
}
