/**
 * A certificate authority for one test, created anew and not stored: X.509 certificates in DER, signed with node:crypto, so that no openssl
 * is needed. `NODE_EXTRA_CA_CERTS` accepts its certificate.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Authority {
	/** Its own certificate, in PEM. */
	cert: string;
	/** A key and a certificate for a server of these names, in PEM. */
	issue(names: readonly string[], validity?: Validity): { key: string; cert: string };
}

const DAY = 24 * 60 * 60 * 1000;
/** A certificate's validity, in days from now. */
type Validity = readonly [from: number, to: number];
const FOUR_DAYS: Validity = [-1, 3];

const OID = {
	ecdsaWithSha256: "1.2.840.10045.4.3.2",
	commonName: "2.5.4.3",
	subjectKey: "2.5.29.14",
	keyUsage: "2.5.29.15",
	otherNames: "2.5.29.17",
	constraints: "2.5.29.19",
	authorityKey: "2.5.29.35",
	extendedUsage: "2.5.29.37",
	serverAuth: "1.3.6.1.5.5.7.3.1",
};

/** One DER value: its tag, its length, its contents. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
	const body = Buffer.concat(contents);
	if (body.length < 128) return Buffer.concat([Buffer.of(tag, body.length), body]);
	const hex = body.length.toString(16);
	const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
	return Buffer.concat([Buffer.of(tag, 0x80 + length.length), length, body]);
}

const sequence = (...items: readonly Uint8Array[]): Buffer => der(0x30, ...items);
const octets = (content: Uint8Array): Buffer => der(0x04, content);
const bits = (content: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.of(unused), content);
const YES = der(0x01, Buffer.of(0xff));

/** An object identifier: the first two numbers in one, each in base 128. */
function oid(dotted: string): Buffer {
	const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
	const bytes = [first * 40 + second, ...rest].flatMap((number) => {
		const digits = [number & 127];
		for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 127) | 128);
		return digits;
	});
	return der(0x06, Buffer.from(bytes));
}

/** `261123210000Z`, valid until 2049. */
const utcTime = (ms: number): Buffer =>
	der(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replaceAll(/[-:T]/g, "")}Z`));
const nameOf = (common: string): Buffer =>
	sequence(der(0x31, sequence(oid(OID.commonName), der(0x0c, Buffer.from(common)))));
const extension = (id: string, content: Uint8Array, critical = false): Buffer =>
	sequence(oid(id), ...(critical ? [YES] : []), octets(content));

interface Certificate {
	subject: string;
	issuer: string;
	publicKey: KeyObject;
	/** Signs it. */
	authority: { publicKey: KeyObject; privateKey: KeyObject };
	extensions: readonly Buffer[];
	validity?: Validity;
}

const encoded = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" });
/** Identifies a key (RFC 5280 uses only the key's bits; any digest will do). */
const fingerprint = (key: KeyObject): Buffer => createHash("sha1").update(encoded(key)).digest();

/** A certificate, by default for four days, in PEM. */
function certificate({ subject, issuer, publicKey, authority, extensions, validity = FOUR_DAYS }: Certificate): string {
	const algorithm = sequence(oid(OID.ecdsaWithSha256));
	const serial = Buffer.concat([Buffer.of(0x01), randomBytes(15)]);
	const now = Date.now();
	const body = sequence(
		der(0xa0, der(0x02, Buffer.of(2))),
		der(0x02, serial),
		algorithm,
		nameOf(issuer),
		sequence(...validity.map((days) => utcTime(now + days * DAY))),
		nameOf(subject),
		encoded(publicKey),
		der(
			0xa3,
			sequence(
				...extensions,
				extension(OID.subjectKey, octets(fingerprint(publicKey))),
				extension(OID.authorityKey, sequence(der(0x80, fingerprint(authority.publicKey)))),
			),
		),
	);
	const signed = sequence(body, algorithm, bits(sign("sha256", body, authority.privateKey)));
	const lines = signed.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
	return ["-----BEGIN CERTIFICATE-----", lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** Makes a new authority of this name. */
export function createAuthority(name: string): Authority {
	const authority = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
	const own = certificate({
		subject: name,
		issuer: name,
		publicKey: authority.publicKey,
		authority,
		extensions: [
			extension(OID.constraints, sequence(YES), true),
			// May sign certificates and lists of revoked ones.
			extension(OID.keyUsage, bits(Buffer.of(0x06), 1), true),
		],
	});
	return {
		cert: own,
		issue(names, validity = FOUR_DAYS) {
			const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
			const alternatives = names.map((one) => der(0x82, Buffer.from(one)));
			const extensions = [
				extension(OID.constraints, sequence(), true),
				extension(OID.keyUsage, bits(Buffer.of(0x80), 7), true),
				extension(OID.extendedUsage, sequence(oid(OID.serverAuth))),
				extension(OID.otherNames, sequence(...alternatives)),
			];
			const subject = names[0] ?? name;
			const cert = certificate({ subject, issuer: name, publicKey, authority, extensions, validity });
			return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert };
		},
	};
}
