// A chat server with uWebSockets: a room is a topic, and what a client says goes to it as it is. Usage: uws PORT
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "App.h"

struct Member {
    std::string room;
};

int main(int, char **arguments) {
    const int port = std::atoi(arguments[1]);
    uWS::App app;
    uWS::App::WebSocketBehavior<Member> rooms;
    rooms.compression = uWS::DISABLED;
    rooms.maxPayloadLength = 64 * 1024;
    rooms.maxBackpressure = 8 * 1024 * 1024;
    rooms.upgrade = [](auto *response, auto *request, auto *context) {
        response->template upgrade<Member>({std::string(request->getUrl())}, request->getHeader("sec-websocket-key"),
                                           request->getHeader("sec-websocket-protocol"), request->getHeader("sec-websocket-extensions"), context);
    };
    rooms.open = [](auto *socket) { socket->subscribe(socket->getUserData()->room); };
    rooms.message = [&app](auto *socket, std::string_view text, uWS::OpCode code) { app.publish(socket->getUserData()->room, text, code, false); };
    app.ws<Member>("/chat/:room", std::move(rooms));
    app.listen("127.0.0.1", port, [port](auto *listening) {
        if (!listening) {
            std::fprintf(stderr, "cannot listen on %d\n", port);
            std::exit(1);
        }
    });
    app.run();
}
