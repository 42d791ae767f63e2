import Alpine from "alpinejs";
import htmx from "htmx.org";

window.Alpine = Alpine;
window.htmx = htmx;

// 聊天室 Alpine.js 元件
Alpine.data("chatRoom", (roomSlug, initialLastMessageId, currentUsername) => ({
  // 元件狀態
  newMessage: "",
  messages: [],
  lastMessageId: initialLastMessageId,
  pollingInterval: null,

  // 初始化
  init() {
    this.startPolling();
    this.scrollToBottom();
  },

  // 捲動到底部
  scrollToBottom() {
    const messageContainer = document.getElementById("messageContainer");
    if (messageContainer) {
      messageContainer.scrollTop = messageContainer.scrollHeight;
    }
  },

  // 開始輪詢新訊息
  startPolling() {
    this.pollingInterval = setInterval(() => this.checkNewMessages(), 5000);
  },

  // 檢查新訊息
  async checkNewMessages() {
    try {
      const response = await fetch(
        `/chats/api/get-messages/${roomSlug}/?last_id=${this.lastMessageId}`
      );
      const data = await response.json();

      if (data.messages && data.messages.length > 0) {
        data.messages.forEach((message) => {
          const messageContainer = document.getElementById("messageContainer");
          const isCurrentUser = message.sender === currentUsername;

          const messageDiv = document.createElement("div");
          messageDiv.className = `mb-4 flex ${
            isCurrentUser ? "justify-end" : ""
          }`;

          const messageContent = document.createElement("div");
          messageContent.className = `max-w-[70%] rounded-lg p-3 ${
            isCurrentUser ? "bg-green-100 ml-auto" : "bg-gray-100"
          }`;

          let html = `
                        <p class="text-gray-800">${message.content}</p>
                        <p class="text-xs text-gray-500 text-right mt-1">
                            ${new Date(message.created_at).toLocaleTimeString(
                              "zh-TW",
                              {
                                hour: "2-digit",
                                minute: "2-digit",
                              }
                            )}
                        </p>
                    `;

          messageContent.innerHTML = html;
          messageDiv.appendChild(messageContent);
          messageContainer.appendChild(messageDiv);

          this.lastMessageId = message.id;
        });

        this.scrollToBottom();
      }
    } catch (error) {
      console.error("Error fetching messages:", error);
    }
  },

  // 處理表單提交
  handleSubmit(event) {
    if (this.newMessage.trim()) {
      event.target.submit();
      this.newMessage = "";
      this.$nextTick(() => this.scrollToBottom());
    }
  },
}));

Alpine.start();
