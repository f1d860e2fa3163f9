export const peerNames = ['tidings', 'workers', 'socket.io', 'c-send', 'centrifugo'] as const;
export type PeerName = (typeof peerNames)[number];
