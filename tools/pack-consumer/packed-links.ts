/* Links of a document that is packed at another place than it has in the repository, and without most of its neighbours. */
import { posix } from 'node:path';

/** Code, in which nothing is a link, or a link: its words and where it leads. */
const CODE_OR_LINK = /```.*?```|`[^`\n]*`|\[((?:[^\][`]|`[^`]*`)*)\]\(([^)\s]+)\)/gs;

/** Where what lies in a folder of the repository lies in the package. */
export type PackedPlaces = readonly (readonly [folderOrFile: string, inPackage: string])[];

/**
 * The text with every relative link leading to where its target is in the package, or, where it is not in it, without
 * the link. `from` and `to`: paths of the document in the repository and in the package.
 */
export function packedLinks(text: string, from: string, to: string, places: PackedPlaces): string {
  return text.replace(CODE_OR_LINK, (whole: string, words?: string, link?: string) => {
    if (words === undefined || link === undefined || /^([a-z]+:|#)/.test(link)) return whole;
    const [path = '', ...anchor] = link.split(/(?=#)/);
    const target = posix.join(posix.dirname(from), path);
    const packed = places.flatMap(([source, place]) =>
      target === source || target.startsWith(`${source}/`) ? [place + target.slice(source.length)] : [],
    )[0];
    if (packed === undefined) return words;
    return `[${words}](${posix.relative(posix.dirname(to), packed)}${anchor.join('')})`;
  });
}
