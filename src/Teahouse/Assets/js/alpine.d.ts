declare module '@alpinejs/csp' {
  const Alpine: {
    data(name: string, component: () => Record<string, unknown>): void;
    start(): void;
  };
  export default Alpine;
}
