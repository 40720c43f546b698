/** Whether the node is being emptied: `leaving` asks peers to prefer other paths, `left` announces nothing (RFC 8326). */
export type Drained = 'no' | 'leaving' | 'left'
