/** What the fetcher may know of the list of the erased: it leaves these records out of every snapshot. */
export const ERASED = `
create view roster.erased (district_id, entity_type, record_hash) as
select district_id, entity_type, record_hash from roster.suppressions;
`;
