/** Which version of a definition is in force, so that an older service leaves a newer one alone; 0 where none was kept. */
export const DEFINITION_VERSIONS = `
alter table roster.definitions add column version integer not null default 0;
`;
