import Database from 'better-sqlite3'

/** Each question finds what must not be there: a unit of work of which only a part was stored. */
const halves: Readonly<Record<string, string>> = {
  'users whose version is not the number of their audit rows': `
    select u.id from users u
    where u.version <> (select count(*) from audit a where a.subject_id = u.id and a.action like 'user.%')`,
  'audit rows without their change row, and the other way round': `
    select subject_id, action from
      (select subject_id, action, count(*) n from audit where action like 'user.%' or action like 'group.%' group by 1, 2
       except select subject_id, kind, count(*) from changes group by 1, 2)
    union all
    select subject_id, kind from
      (select subject_id, kind, count(*) n from changes where kind like 'user.%' or kind like 'group.%' group by 1, 2
       except select subject_id, action, count(*) from audit group by 1, 2)`,
  'users that were created and are neither there nor deleted': `
    select subject_id from audit a
    where action = 'user.created'
      and not exists (select 1 from users u where u.id = a.subject_id)
      and not exists (select 1 from audit d where d.subject_id = a.subject_id and d.action = 'user.deleted')`,
  'users that are deleted and there': `
    select id from users where id in (select subject_id from audit where action = 'user.deleted')`,
  'users without a decision': `
    select id from users u where not exists (select 1 from decisions d where d.user_seq = u.seq and d.connection = 'warehouse')`,
  'decisions that do not follow from what is stored': `
    select u.id, d.decision, d.reason from users u
    join decisions d on d.user_seq = u.seq and d.connection = 'warehouse'
    left join members m on m.member_id = u.id
    where coalesce(d.reason, d.decision) <>
      case when u.active = 0 then 'inactive' when m.member_id is null then 'no_access' else 'allow' end`,
  'decisions of nobody': `select user_seq from decisions where user_seq not in (select seq from users)`,
  'indexed values of nobody': `select user_seq from user_values where user_seq not in (select seq from users)`,
  'memberships of nobody or nothing': `
    select member_id from members where member_id not in (select id from users) or group_id not in (select id from groups)`,
  'managers and members that a bulk request was still to name': `
    select id from users where document like '%bulkId:%' union all select value from pending_members where value like 'bulkId:%'`,
  'references that lead nowhere': `select * from pragma_foreign_key_check`,
}

/** Opens the database file beside the server and lists what is half there; empty when everything is whole. */
export function findHalves(file: string): string[] {
  const database = new Database(file, { readonly: true })
  try {
    const integrity = String(database.pragma('integrity_check', { simple: true }))
    const found = Object.entries(halves).flatMap(([what, question]) => {
      const rows = database.prepare(question).all()
      return rows.length === 0 ? [] : [`${what}: ${JSON.stringify(rows.slice(0, 5))}`]
    })
    return integrity === 'ok' ? found : [integrity, ...found]
  } finally {
    database.close()
  }
}
