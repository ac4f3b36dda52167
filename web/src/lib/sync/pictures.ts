// Pictures of messages: asked for with the token, kept on the device so that what was seen is there offline.
import { auth } from "../api/auth";
import { sync } from "./sync.svelte";

export async function picture(message: string, name: string, preview: boolean): Promise<Blob> {
    const key = `picture/${message}/${name}${preview ? "/preview" : ""}`;
    const kept = await sync.db.get("values", key);
    if (kept instanceof Blob) return kept;
    const address = `/api/messages/${message}/attachments/${name}${preview ? "?preview" : ""}`;
    const response = await fetch(address, { headers: { Authorization: auth.token } });
    if (!response.ok) throw new Error(`the picture was answered ${response.status}`);
    const blob = await response.blob();
    await sync.db.put("values", blob, key);
    return blob;
}

/** The longest side of what is sent; the server would make it no larger. */
const longestSide = 2048;

/** Makes a picture ready to be sent over a bad connection: smaller, and without where it was taken. */
export async function prepare(file: File): Promise<Blob> {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, longestSide / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const type = file.type === "image/png" ? "image/png" : "image/jpeg";
    return new Promise((done, fail) => {
        canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("the picture cannot be read"))), type, 0.86);
    });
}
