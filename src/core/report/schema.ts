import * as z from 'zod'
import { AddressSchema, MacSchema, OfferSchema } from '../dhcp/offerSchema.ts'
import { parseServerId, type ServerId } from '../dhcp/serverId.ts'
import { DROP_REASONS } from '../guard/drop.ts'
import { POLICY_SOURCES } from '../policy/policy.ts'
import { PROBLEM_CODES } from '../problem/problem.ts'
import { REFUSAL_CODES } from '../problem/refusal.ts'
import { type Ipv6, type Prefix, parseIpv6 } from '../values/address.ts'
import { parsePrefix } from '../values/prefix.ts'
import { AGENT_STATES, type AgentState } from './agentHealth.ts'
import type { NodeSummary } from './clusterView.ts'
import { REPORT_VERSION, type Report } from './report.ts'

const FamilySchema = z.enum(['ipv4', 'ipv6'])
const ServerSchema = z.custom<ServerId>(
  value => typeof value === 'string' && parseServerId(value) !== undefined,
)
const Ipv6Schema = z.custom<Ipv6>(value => typeof value === 'string' && parseIpv6(value) === value)
const PrefixSchema = z.custom<Prefix>(value => typeof value === 'string' && parsePrefix(value) === value)

const NIC_STATES = ['served', 'stopped', 'pending', 'refused', 'left-alone'] as const

const NicNameShape = {
  vmid: z.number().int(),
  type: z.enum(['qemu', 'lxc']),
  nic: z.number().int(),
}

const RefusalSchema = z.object({
  code: z.enum(REFUSAL_CODES),
  message: z.string(),
  remedy: z.string(),
  where: z.exactOptional(z.object({ file: z.string(), line: z.exactOptional(z.number()) })),
})

const LeaseSchema = z.object({
  address: AddressSchema,
  mac: MacSchema,
  since: z.number(),
  expires: z.number(),
  client: z.exactOptional(z.object({ duid: z.string(), iaid: z.number() })),
})

const NicSchema = z.object({
  ...NicNameShape,
  name: z.exactOptional(z.string()),
  family: FamilySchema,
  state: z.enum(NIC_STATES),
  refusal: z.exactOptional(RefusalSchema),
  offer: z.exactOptional(OfferSchema),
  hindrance: z.exactOptional(z.enum(['port-down', 'bridge-missing'])),
  server: z.exactOptional(ServerSchema),
  requests: z.exactOptional(z.number()),
  dropped: z.exactOptional(z.number()),
  lease: z.exactOptional(LeaseSchema),
})

const KeaSchema = z.object({
  server: z.exactOptional(ServerSchema),
  slot: z.number(),
  pid: z.exactOptional(z.number()),
  state: z.enum(['answering', 'starting', 'silent', 'dead']),
  offers: z.number(),
})

const PeerSchema = z.object({
  peer: z.string(),
  protocol: z.string(),
  isUp: z.boolean(),
  bgpState: z.string(),
  since: z.string(),
  neighbour: z.exactOptional(z.string()),
  error: z.exactOptional(z.string()),
  channels: z.exactOptional(
    z.array(z.object({ family: FamilySchema, imported: z.number(), exported: z.number() })),
  ),
})

const AnnouncingSchema = z.object({
  table: z.number(),
  announcements: z.array(
    z.object({
      prefix: PrefixSchema,
      vmid: z.number(),
      device: z.string(),
      blackhole: z.exactOptional(z.number()),
      route: z.boolean(),
      neighbour: z.boolean(),
      told: z.exactOptional(z.boolean()),
      exportedTo: z.exactOptional(z.array(z.string())),
    }),
  ),
  standby: z.array(z.object({ prefix: PrefixSchema, vmid: z.number(), port: z.string() })),
  rules: z.boolean(),
  notForwarded: z.array(FamilySchema),
  bird: z.exactOptional(
    z.object({ state: z.enum(['absent', 'silent', 'running']), pid: z.exactOptional(z.number()) }),
  ),
  peers: z.array(PeerSchema),
  drained: z.enum(['no', 'leaving', 'left']),
  withheld: z.array(z.object({ ...NicNameShape, address: AddressSchema, refusal: RefusalSchema })),
  refusal: z.exactOptional(RefusalSchema),
})

const GuardSchema = z.object({
  mode: z.enum(['report', 'on']),
  ports: z.array(
    z.object({
      ...NicNameShape,
      link: z.string(),
      state: z.enum(['guarded', 'pending']),
      ipv4: z.enum(['own', 'open']),
      ipv6: z.enum(['own', 'open']),
      because: z.exactOptional(z.string()),
      drops: z.array(z.object({ reason: z.enum(DROP_REASONS), packets: z.number(), sample: z.string() })),
    }),
  ),
})

const AdvertisingSchema = z.object({
  advertiser: z.object({
    state: z.enum(['absent', 'starting', 'silent', 'answering']),
    pid: z.exactOptional(z.number()),
  }),
  nics: z.array(
    z.object({
      ...NicNameShape,
      link: z.string(),
      router: z.exactOptional(Ipv6Schema),
      unknownRouter: z.exactOptional(Ipv6Schema),
      whyUnknown: z.exactOptional(z.string()),
      solicitations: z.number(),
      dropped: z.exactOptional(z.number()),
      others: z.number(),
    }),
  ),
})

const ProblemSchema = z.object({
  code: z.enum(PROBLEM_CODES),
  message: z.string(),
  remedy: z.exactOptional(z.string()),
  file: z.exactOptional(z.string()),
  line: z.exactOptional(z.number()),
  column: z.exactOptional(z.number()),
  vmid: z.exactOptional(z.number()),
  nic: z.exactOptional(z.number()),
  since: z.exactOptional(z.number()),
})

const ReportObject = z.object({
  version: z.literal(REPORT_VERSION),
  node: z.string(),
  name: z.string(),
  time: z.number(),
  complete: z.boolean(),
  policy: z.enum(POLICY_SOURCES),
  nics: z.array(NicSchema),
  servers: z.array(KeaSchema),
  guard: z.exactOptional(GuardSchema),
  advertising: z.exactOptional(AdvertisingSchema),
  announcing: z.exactOptional(AnnouncingSchema),
  problems: z.array(ProblemSchema),
})

/** A report as an agent gives it: only one of the same version is understood, whatever else it has is left out. */
export const ReportSchema: z.ZodType<Report> = ReportObject

/** What an agent tells the other nodes: only one of a version that tells the same is understood. */
export const NodeSummarySchema: z.ZodType<NodeSummary> = z.object({
  time: z.number(),
  problems: z.array(ProblemSchema),
  nics: z.partialRecord(z.enum(NIC_STATES), z.number()),
  announced: z.number(),
  peersUp: z.number(),
  peersDown: z.number(),
  drained: z.boolean(),
})

/** What `guestnet status --output json` prints; published as docs/status.schema.json. */
export const StatusSchema = ReportObject.extend({
  /** An agent runs and answers. */
  agent: z.boolean(),
  agentState: z.enum(AGENT_STATES),
})
export type Status = Report & { readonly agent: boolean; readonly agentState: AgentState }
