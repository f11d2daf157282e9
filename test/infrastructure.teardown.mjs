export default async function tearDown() {
  await globalThis.rollcallInfrastructure?.close();
}
