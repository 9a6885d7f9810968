/** Something that can be given up. Closing twice does nothing. */
export interface Closable {
  close(): void;
}
