"""pycrdt-websocket on uvicorn: documents in memory, stored nowhere. The port is the first argument."""
import asyncio
import sys

import uvicorn
from pycrdt.websocket import ASGIServer, WebsocketServer


async def main() -> None:
    websocket_server = WebsocketServer(auto_clean_rooms=False)
    config = uvicorn.Config(
        ASGIServer(websocket_server),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        ws="websockets-sansio",
    )
    async with websocket_server:
        await uvicorn.Server(config).serve()


asyncio.run(main())
